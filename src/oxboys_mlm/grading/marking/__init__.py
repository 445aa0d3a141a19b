"""Marks that people give: the rubrics of free texts, and how points follow from what was ticked."""

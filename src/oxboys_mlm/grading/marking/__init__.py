"""Marks that people give: rubrics of free texts, how points follow from ticks, which answers wait for a person."""

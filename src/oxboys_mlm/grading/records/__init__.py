"""What is kept of a graded class: gradebook, notebooks, tables, receipts."""

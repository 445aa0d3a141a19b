"""Right and wrong answers to every question, each as a student would write it."""

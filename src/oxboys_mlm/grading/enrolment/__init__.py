"""Who is in the class: the list of students, and who they are on a learning platform."""

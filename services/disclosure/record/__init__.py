"""Records (公开记录): everything published, and the public counts of overdue matters."""

"""How people and programs reach it: thin rooms that parse, call and show."""

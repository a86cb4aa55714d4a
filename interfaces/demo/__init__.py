"""The demo: the whole chain on made-up persons, with the truth file in the role of the person who labels."""

"""Tables, answers and reports as HTML."""

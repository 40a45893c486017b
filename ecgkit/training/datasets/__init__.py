"""The databases in their official layouts, as arrays and labels."""

"""Data sets and one module a network. Imports ecgkit; nothing in ecgkit imports it."""

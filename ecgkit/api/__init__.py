"""What ``ecgkit.NAME`` is: the front door. Each function checks what it is given and calls a room.

It stands above all rooms and is imported by none of them. Rooms are imported when a function runs,
so that opening a file does not wait for a network's library.
"""

"""Paper ECGs: pages with exact truth to learn from, and what reads them.

To make pages: a recording is laid out in mm (``sheet``), drawn (``page``) and made into what people
send (``degrade``); ``degrade.random_page`` does all of it by seed.
"""

"""Pages drawn for the label networks: masks without the page, a pool on the disk, pages read."""

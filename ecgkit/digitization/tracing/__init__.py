"""From the mask of a page's traces to the height of each lead's trace at every moment."""

"""Reports as PDF, true to scale."""

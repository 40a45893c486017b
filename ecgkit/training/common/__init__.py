"""What every training shares: the loop, metrics, cards, the README's tables."""

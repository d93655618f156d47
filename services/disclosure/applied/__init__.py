"""Which event had each number, for as long as a producer may send one again."""

"""The award (中标): candidates, winner, notice, contract, bonds."""

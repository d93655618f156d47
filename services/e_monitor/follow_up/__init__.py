"""处置: what people do about a finding, from the answer of the office to the closed card."""

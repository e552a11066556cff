"""What stays: journal, projections, evidence, parcels, limits, signatures."""

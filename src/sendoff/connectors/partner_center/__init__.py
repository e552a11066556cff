"""Partner Center: transfers, what was bought through us, and the reseller relationship."""

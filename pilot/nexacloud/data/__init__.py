"""Plain tables the seed draws from: places, names, plans and the other two services."""

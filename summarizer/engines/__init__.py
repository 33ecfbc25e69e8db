"""The models: one contract (`base`), its engines, the model cards and the scheduler."""

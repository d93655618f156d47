"""The contracts: one module per owner of a topic, one class per event type.

The order of the classes in a module is the order of the life cycle (see `Payload.rank`).
Changes are additive: a new field is optional with a default, a new meaning is a new type.
"""

"""The calls that a script itself makes of what is driven: heard in its real run, and told again in a walk.

A `Listener` is told by the script, whose functions say what they are given and what they return. A
`Retelling` walks the drive with the arguments of a call in the place of made inputs: the truth is that of the
forward pass at these arguments, and what is held against it is what the script's own call returned.
"""

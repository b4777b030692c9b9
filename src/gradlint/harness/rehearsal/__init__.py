"""Confirming what nothing in a script calls: the user's real functions, called with the made inputs.

A drive is walked once more in the interpreter by a `Recorder`, which notes every call that it makes as an
event of a `Tape`. A `Player` executes the tape with the real functions, as often as the witnesses
need it. So what is called, and with what, is said in one place: the drive.
"""

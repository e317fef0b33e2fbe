"""What every rule is: a function of a rendered overlay that yields what is wrong. Each has a sample in samples.py."""

RULES = {}


def rule(function):
    RULES[function.__name__] = function
    return function

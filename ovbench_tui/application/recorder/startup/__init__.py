"""A folder that stands first in the PYTHONPATH of the user's program while Python starts."""

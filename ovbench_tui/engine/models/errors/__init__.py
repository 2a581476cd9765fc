"""Why a model cannot be read or compiled, in a sentence that says what to do."""

"""``python -m wellhead`` is the command."""

import os
import sys

from wellhead import find_wellhead_bin

if __name__ == "__main__":
    command = find_wellhead_bin()
    os.execv(command, [command, *sys.argv[1:]])

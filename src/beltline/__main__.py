"""`python -m beltline` is the `beltline` command."""

from beltline.app.cli import main

if __name__ == "__main__":
    main()

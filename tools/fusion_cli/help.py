"""Say what commands there are, or what one command does."""

import argparse

from . import cli, console


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("command", nargs="?", help="the command to explain")


def main(args: argparse.Namespace) -> int:
    """Print the overview or one command's help."""
    if args.command:
        cli.parser_of(args.command)[0].print_help()
        return 0
    console.say("usage: ./fusion COMMAND [options]      (./fusion COMMAND --help for its options)")
    console.say()
    for name, (_, summary) in cli.COMMANDS.items():
        console.say(f"  {name:<8} {summary}")
    console.say()
    console.say("exit codes: 0 ok, 1 a check or test failed, 2 wrong usage, 3 cannot prepare")
    console.say("settings:   FUSION_HOME    folder for all state (default: .fusion here)")
    console.say("            FUSION_ODOO    an Odoo 19 checkout or installation to use")
    console.say("            FUSION_DB_URL  a PostgreSQL to use instead of the embedded one")
    return 0

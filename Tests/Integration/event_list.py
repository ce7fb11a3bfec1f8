"""Every event of Docs/Audit.md has a test that makes it happen: tests note what their agents wrote, and a whole run is compared with the list.

`CPS_EVENTS` names the file where events are noted, one a line. Run as a program this prints the events that nobody made, and fails.
"""

import os
import pathlib
import re
import sqlite3
import sys

from tools import ROOT


def documented():
    """The events of the table, in its order."""
    table = (ROOT / "Docs" / "Audit.md").read_text().split("## Events")[1].split("\n## ")[0]
    events = re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \|", table, re.MULTILINE)
    assert len(events) == len(set(events)) > 50, "the table has changed its form"
    return events


def note(state_folder):
    """Notes the events that an agent, which has ended, left in its log."""
    notes = os.environ.get("CPS_EVENTS")
    database = pathlib.Path(state_folder) / "agent.sqlite"
    if not notes or not database.exists():
        return
    connection = sqlite3.connect(database)
    try:
        events = [event for (event,) in connection.execute("SELECT DISTINCT event FROM traces")]
    except sqlite3.DatabaseError:
        return  # a test may have damaged it
    finally:
        connection.close()
    with open(notes, "a") as file:
        file.write("".join(f"{event}\n" for event in events))


def main():
    seen = set(pathlib.Path(os.environ["CPS_EVENTS"]).read_text().split())
    missing = [event for event in documented() if event not in seen]
    unknown = sorted(seen - set(documented()))
    if missing:
        print(f"made by no test: {', '.join(missing)}")
    if unknown:
        print(f"not in Docs/Audit.md: {', '.join(unknown)}")
    sys.exit(1 if missing or unknown else 0)


if __name__ == "__main__":
    main()

"""Looks for bytes in the memory of a running process. Root may read it although the process forbids dumps."""


def writable(pid):
    """What each mapping holds that the process may have written to: (what it belongs to, its bytes)."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            fields = line.split(maxsplit=5)
            if not fields[1].startswith("rw"):
                continue
            start, end = (int(each, 16) for each in fields[0].split("-"))
            try:
                memory.seek(start)
                yield fields[5].strip() if len(fields) > 5 else "anonymous", memory.read(end - start)
            except OSError:
                continue  # unmapped since


def find(pid, needles, is_copy=lambda name, before, after: True):
    """Where the needles (name → bytes) lie and are copies by what stands before and after them: a list of (name, mapping, surroundings)."""
    found = []
    for mapping, content in writable(pid):
        for name, needle in needles.items():
            place = content.find(needle)
            while place >= 0:
                end = place + len(needle)
                before, after = content[max(0, place - 16):place], content[end:end + 16]
                if is_copy(name, before, after):
                    found.append((name, mapping, before + needle + after))
                place = content.find(needle, end)
    return found

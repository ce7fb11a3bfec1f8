"""A USB device that is not there, in a /sys of our own, and what the rules of udev make of it. Run as a program under `unshare -m`."""

import json
import os
import pathlib
import struct
import subprocess
import sys

SYS = pathlib.Path("/sys")


def descriptors(vendor, product, interfaces):
    """As the kernel shows them: device, configuration, then each interface with one endpoint (USB 2.0 §9.6)."""
    body = b"".join(
        struct.pack("9B", 9, 4, number, 0, 1, *kind, 0) + struct.pack("<BBBBHB", 7, 5, 0x81 + number, 2, 64, 0)
        for number, kind in enumerate(interfaces))
    device = struct.pack("<BBHBBBBHHHBBBB", 18, 1, 0x200, 0, 0, 0, 64, int(vendor, 16), int(product, 16), 0x100, 0, 0, 0, 1)
    return device + struct.pack("<BBHBBBBB", 9, 2, 9 + len(body), len(interfaces), 1, 0, 0x80, 50) + body


def device(place, vendor, product, interfaces):
    name = f"1-{place}"
    folder = SYS / "devices/platform/usb1" / name
    (folder / "power").mkdir(parents=True)
    (folder / "power/control").write_text("auto")
    (folder / "uevent").write_text(
        f"DEVTYPE=usb_device\nMAJOR=189\nMINOR={place}\nDEVNAME=bus/usb/001/{place:03}\nPRODUCT={vendor}/{product}/100\n")
    facts = {"idVendor": vendor, "idProduct": product, "bDeviceClass": "00", "bcdDevice": "0100", "busnum": "1", "devnum": str(place)}
    for fact, value in facts.items():
        (folder / fact).write_text(f"{value}\n")
    (folder / "descriptors").write_bytes(descriptors(vendor, product, interfaces))
    bus = SYS / "bus/usb/devices"
    bus.mkdir(parents=True, exist_ok=True)
    (folder / "subsystem").symlink_to(SYS / "bus/usb")
    (bus / name).symlink_to(folder)
    return folder


def judged(folder):
    """What the rules say of the device when it is plugged in, and what became of its power switch."""
    told = subprocess.run(
        ["udevadm", "test", str(folder)], capture_output=True, text=True, timeout=60,
        env={**os.environ, "SYSTEMD_DEVICE_VERIFY_SYSFS": "0"})
    facts = dict(line.split("=", 1) for line in told.stdout.splitlines() if "=" in line and " " not in line.split("=")[0])
    return {"facts": facts, "power": (folder / "power/control").read_text(), "said": told.stderr}


if __name__ == "__main__":
    rules, asked = sys.argv[1], json.loads(sys.argv[2])
    for mount in ("/sys", "/run"):
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", mount], check=True)
    pathlib.Path("/run/udev/rules.d").mkdir(parents=True)
    (pathlib.Path("/run/udev/rules.d") / pathlib.Path(rules).name).write_bytes(pathlib.Path(rules).read_bytes())
    print(json.dumps([judged(device(place, *each)) for place, each in enumerate(asked, start=1)]))

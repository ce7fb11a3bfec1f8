/// The systemd unit of a process, from the control group it is in.
enum SystemdUnit {
    /// Names of the units: of the system's manager plain, of a user's own manager with `user/` before them.
    ///
    /// The first part of the path below the slices decides, since only the system's manager makes those; what a service or a user makes
    /// below its own group is its own affair, whatever its name.
    ///
    /// - Parameter text: `/proc/PID/cgroup`; the line of the unified hierarchy counts.
    static func names(inCgroups text: String) -> Set<String> {
        guard let path = text.split(separator: "\n").first(where: { $0.hasPrefix("0::/") })?.dropFirst(3) else { return [] }
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        // Outside the control groups that this machine's manager rules.
        guard parts.first != ".." else { return [] }
        let below = parts.drop { $0.hasSuffix(".slice") }
        guard let unit = below.first.flatMap(name) else { return [] }
        var names: Set<String> = [unit]
        if unit.hasPrefix("user@"), let own = below.dropFirst().drop(while: { $0.hasSuffix(".slice") }).first.flatMap(name) {
            names.insert("user/\(own)")
        }
        return names
    }

    /// A unit's name from that of its group, which has an underscore before it where it would be mistaken for a file of the kernel's.
    private static func name(_ part: Substring) -> String? {
        let name = part.hasPrefix("_") ? part.dropFirst() : part
        guard name.hasSuffix(".service") || name.hasSuffix(".scope"), name.utf8.count <= 255 else { return nil }
        return String(name)
    }
}

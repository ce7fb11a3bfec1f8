/// What differs between the configuration in force and the one that was read after it.
package struct ConfigurationChange: Hashable, Sendable {
    /// Keys that take effect while the agent runs, sorted; `clients` stands for all of its section.
    package private(set) var effective: [String] = []
    /// Keys that take effect with the next start alone, sorted.
    package private(set) var deferred: [String] = []

    package static let clients = "clients"

    /// Sections of which nothing waits for a start.
    private static let live: Set<String> = [clients, "log", "sha256", "overrides", "written"]

    package init(from old: AgentConfiguration, to new: AgentConfiguration) {
        if old.clients != new.clients { effective.append(Self.clients) }
        if old.log != new.log { effective.append("log.level") }
        if old.agent.budgets != new.agent.budgets { effective.append("agent.budgets") }
        effective.sort()
        var before = old
        before.agent.budgets = new.agent.budgets
        // By reflection, so that no section that is added later is ever forgotten: without more it waits for a start.
        for (one, other) in zip(Mirror(reflecting: before).children, Mirror(reflecting: new).children) {
            guard let section = one.label.map(Self.key), !Self.live.contains(section), !Self.isSame(one.value, other.value) else {
                continue
            }
            let keys = Self.keys(under: section, old.written, new.written)
            deferred += keys.isEmpty ? [section] : keys
        }
        deferred.sort()
    }

    private static func isSame(_ one: Any, _ other: Any) -> Bool {
        guard let one = one as? any Hashable, let other = other as? any Hashable else { return false }
        return AnyHashable(one) == AnyHashable(other)
    }

    private static func keys(under section: String, _ old: [String: String], _ new: [String: String]) -> [String] {
        Set(old.keys).union(new.keys).filter { key in
            key.hasPrefix("\(section).") && !key.hasPrefix("agent.budgets") && old[key] != new[key]
        }.sorted()
    }

    /// `breakGlass` is the section `break_glass`.
    private static func key(_ label: String) -> String {
        label.reduce(into: "") { key, letter in key += letter.isUppercase ? "_\(letter.lowercased())" : String(letter) }
    }
}

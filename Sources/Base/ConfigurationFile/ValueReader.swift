internal import Primitives

/// Takes typed values out of the file and the environment, and gathers every problem on the way instead of stopping at the first.
package struct ValueReader {
    private let document: YAMLDocument
    private let environment: [String: String]
    private var known: Set<String> = []
    package private(set) var problems: [ConfigurationError.Problem] = []
    private(set) var overrides: [String] = []

    static let environmentPrefix = "CPS_AGENTD_"

    /// Reads a file of its own, which nothing in the environment replaces. Anchors are not taken: what repeats them could grow without
    /// bound.
    ///
    /// - Throws: A text that is no YAML, or no mapping of sections.
    package init(yaml text: String) throws(ConfigurationError) {
        if let line = Self.anchorLine(text) {
            throw ConfigurationError(problems: [.init(place: .line(line), key: "", reason: "anchors (&) are not taken here")])
        }
        self.init(document: try YAMLDocument(text), environment: [:])
    }

    /// The line of the first `&` that could begin an anchor, in a comment or a quotation too: telling those apart is the parser's work.
    private static func anchorLine(_ text: String) -> Int? {
        var (line, previous, isOpen) = (1, UInt8(0x0A), false)
        for byte in text.utf8 {
            if isOpen, ![0x20, 0x09, 0x0A, 0x0D].contains(byte) { return line }
            let isWord = (0x30...0x39).contains(previous) || (0x41...0x5A).contains(previous) || (0x61...0x7A).contains(previous)
            isOpen = byte == 0x26 && !isWord
            if byte == 0x0A { line += 1 }
            previous = byte
        }
        return nil
    }

    init(document: YAMLDocument, environment: [String: String]) {
        self.document = document
        self.environment = environment.filter { $0.key.hasPrefix(Self.environmentPrefix) }
    }

    // MARK: Values

    /// `parse` gives `nil` for a value that is not `expected`. Without a `fallback` the key is required.
    mutating func value<Value>(
        _ key: String, expected: String, default fallback: Value? = nil, _ parse: (String) -> Value?
    ) -> Value? {
        guard let (text, place) = text(key, expected: expected) else {
            if fallback == nil, !isPresent(key) { report(.file, key, "is required: \(expected)") }
            return fallback
        }
        guard let value = parse(text) else {
            report(place, key, "must be \(expected)")
            return fallback
        }
        return value
    }

    /// A value without which the feature is off.
    mutating func optional<Value>(_ key: String, expected: String, _ parse: (String) -> Value?) -> Value? {
        guard let (text, place) = text(key, expected: expected) else { return nil }
        let value = parse(text)
        if value == nil { report(place, key, "must be \(expected)") }
        return value
    }

    mutating func choice<Value: RawRepresentable & CaseIterable>(_ key: String, default fallback: Value) -> Value
    where Value.RawValue == String {
        let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
        return value(key, expected: "one of \(names)", default: fallback) { Value(rawValue: $0) } ?? fallback
    }

    mutating func duration(_ key: String, default fallback: Int64, in range: ClosedRange<Int64>) -> Int64 {
        let expected = "a duration from \(range.lowerBound) to \(range.upperBound) seconds, such as 30s, 15m, 4h, 7d"
        return value(key, expected: expected, default: fallback) { text in
            DurationText.seconds(text).flatMap { range.contains($0) ? $0 : nil }
        } ?? fallback
    }

    mutating func number(_ key: String, default fallback: Int, in range: ClosedRange<Int>) -> Int {
        value(key, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)", default: fallback) { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        } ?? fallback
    }

    mutating func bool(_ key: String, default fallback: Bool) -> Bool {
        value(key, expected: "true or false", default: fallback) { $0 == "true" ? true : $0 == "false" ? false : nil } ?? fallback
    }

    mutating func list(_ key: String) -> [String] {
        known.insert(key)
        if let (text, _) = override(key) { return text.split(separator: ",").map(String.init) }
        guard let entry = document.entries[key] else { return [] }
        switch entry.value {
        case .list(let texts): return texts
        case .null: return []
        case .scalar, .mapping, .other:
            report(.line(entry.line), key, "must be a list of texts")
            return []
        }
    }

    /// A list, or one value alone, whose items `parse` accepts; `nil` where there is none.
    package mutating func list<Item>(_ key: String, of expected: String, _ parse: (String) -> Item?) -> [Item]? {
        let texts: [String]
        if case .scalar(let text)? = document.entries[key]?.value, environment[Self.variable(key)] == nil {
            known.insert(key)
            texts = [text]
        } else {
            texts = list(key)
        }
        let items = texts.compactMap(parse)
        let isGiven = document.entries[key] != nil || environment[Self.variable(key)] != nil
        if items.count != texts.count { refuse(key, "must be \(expected)") }
        return isGiven ? items : nil
    }

    // MARK: Sections whose keys are names

    /// The keys right below a section, in the order of the file; `nil` when the file has no such section.
    package mutating func names(under section: String) -> [String]? {
        guard let entry = document.entries[section] else { return nil }
        switch entry.value {
        case .mapping, .null: break
        case .scalar, .list, .other: refuse(section, "must be a section with keys of its own")
        }
        let depth = section.split(separator: ".").count
        let names = document.entries.filter { $0.key.hasPrefix("\(section).") && $0.key.split(separator: ".").count == depth + 1 }
            .sorted { $0.value.order < $1.value.order }
            .map { String($0.key.split(separator: ".")[depth]) }
        // Below a section that is known as a whole nothing would be looked at.
        if names.isEmpty { known.insert(section) }
        return names
    }

    /// Whether something about this key was reported.
    package func hasProblem(under key: String) -> Bool { problems.contains { $0.key == key } }

    /// Reports a value that breaks a rule of its section.
    package mutating func refuse(_ key: String, _ reason: String) {
        let variable = Self.variable(key)
        report(
            environment[variable].map { _ in .environment(variable) } ?? document.entries[key].map { .line($0.line) } ?? .file, key,
            reason)
    }

    // MARK: What is left

    /// Reports keys that nobody asked for, once for each subtree, and variables that name no key. Call it last.
    package mutating func finish() {
        let sections = Set(known.flatMap { Self.prefixes(of: $0) })
        var reported: Set<String> = []
        for (key, entry) in document.entries {
            if sections.contains(key), !known.contains(key) {
                switch entry.value {
                case .mapping, .null: continue
                case .scalar, .list, .other: report(.line(entry.line), key, "must be a section with keys of its own")
                }
            } else if !known.contains(key) {
                let unknown = (Self.prefixes(of: key) + [key]).first { !sections.contains($0) && !known.contains($0) } ?? key
                guard reported.insert(unknown).inserted, !Self.prefixes(of: key).contains(where: known.contains) else { continue }
                report(.line(document.entries[unknown]?.line ?? entry.line), unknown, "there is no such key")
            }
        }
        for name in environment.keys where !overrides.contains(name) { report(.environment(name), "", "there is no such key") }
        overrides.sort()
        problems.sort()
    }

    // MARK: Sources

    private mutating func text(_ key: String, expected: String) -> (String, ConfigurationError.Place)? {
        known.insert(key)
        if let found = override(key) { return found }
        guard let entry = document.entries[key] else { return nil }
        switch entry.value {
        case .scalar(let text): return (text, .line(entry.line))
        case .null: report(.line(entry.line), key, "has no value, expected is \(expected)")
        case .list, .mapping, .other: report(.line(entry.line), key, "must be \(expected)")
        }
        return nil
    }

    private mutating func override(_ key: String) -> (String, ConfigurationError.Place)? {
        let name = Self.variable(key)
        guard let text = environment[name] else { return nil }
        overrides.append(name)
        return (text, .environment(name))
    }

    private func isPresent(_ key: String) -> Bool { document.entries[key] != nil }

    private mutating func report(_ place: ConfigurationError.Place, _ key: String, _ reason: String) {
        problems.append(.init(place: place, key: key, reason: reason))
    }

    /// `tokens.ttl_bound` is `CPS_AGENTD_TOKENS_TTL_BOUND`.
    private static func variable(_ key: String) -> String {
        environmentPrefix + key.uppercased().map { $0 == "." ? "_" : String($0) }.joined()
    }

    /// `a.b.c` gives `a` and `a.b`.
    private static func prefixes(of key: String) -> [String] {
        let parts = key.split(separator: ".")
        return (1..<max(1, parts.count)).map { parts[..<$0].joined(separator: ".") }
    }
}

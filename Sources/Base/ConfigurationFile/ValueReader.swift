package import Primitives

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
            throw ConfigurationError(problems: [
                .init(place: .line(line), key: "", text: Text("les ancres (&) ne sont pas prises ici", "anchors (&) are not taken here"))
            ])
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
        _ key: String, expected: Text, default fallback: Value? = nil, _ parse: (String) -> Value?
    ) -> Value? {
        guard let (text, place) = text(key, expected: expected) else {
            if fallback == nil, !isPresent(key) { report(.file, key, .required(expected)) }
            return fallback
        }
        guard let value = parse(text) else {
            report(place, key, .mustBe(expected))
            return fallback
        }
        return value
    }

    /// A value without which the feature is off.
    mutating func optional<Value>(_ key: String, expected: Text, _ parse: (String) -> Value?) -> Value? {
        guard let (text, place) = text(key, expected: expected) else { return nil }
        let value = parse(text)
        if value == nil { report(place, key, .mustBe(expected)) }
        return value
    }

    mutating func choice<Value: RawRepresentable & CaseIterable>(_ key: String, default fallback: Value) -> Value
    where Value.RawValue == String {
        let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
        return value(key, expected: Text("l'un de : \(names)", "one of \(names)"), default: fallback) { Value(rawValue: $0) } ?? fallback
    }

    mutating func duration(_ key: String, default fallback: Int64, in range: ClosedRange<Int64>) -> Int64 {
        let (first, last) = (range.lowerBound, range.upperBound)
        let expected = Text(
            "une durée de \(first) à \(last) secondes, comme 30s, 15m, 4h, 7d",
            "a duration from \(first) to \(last) seconds, such as 30s, 15m, 4h, 7d")
        return value(key, expected: expected, default: fallback) { text in
            DurationText.seconds(text).flatMap { range.contains($0) ? $0 : nil }
        } ?? fallback
    }

    mutating func number(_ key: String, default fallback: Int, in range: ClosedRange<Int>) -> Int {
        let (first, last) = (range.lowerBound, range.upperBound)
        let expected = Text("un entier de \(first) à \(last)", "a whole number from \(first) to \(last)")
        return value(key, expected: expected, default: fallback) { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        } ?? fallback
    }

    mutating func bool(_ key: String, default fallback: Bool) -> Bool {
        value(key, expected: .trueOrFalse, default: fallback) { $0 == "true" ? true : $0 == "false" ? false : nil } ?? fallback
    }

    mutating func list(_ key: String) -> [String] {
        known.insert(key)
        if let (text, _) = override(key) { return text.split(separator: ",").map(String.init) }
        guard let entry = document.entries[key] else { return [] }
        switch entry.value {
        case .list(let texts): return texts
        case .null: return []
        case .scalar, .mapping, .other:
            report(.line(entry.line), key, .mustBe(Text("une liste de textes", "a list of texts")))
            return []
        }
    }

    /// A list, or one value alone, whose items `parse` accepts; `nil` where there is none.
    package mutating func list<Item>(_ key: String, of expected: Text, _ parse: (String) -> Item?) -> [Item]? {
        let texts: [String]
        if case .scalar(let text)? = document.entries[key]?.value, environment[Self.variable(key)] == nil {
            known.insert(key)
            texts = [text]
        } else {
            texts = list(key)
        }
        let items = texts.compactMap(parse)
        let isGiven = document.entries[key] != nil || environment[Self.variable(key)] != nil
        if items.count != texts.count { refuse(key, .mustBe(expected)) }
        return isGiven ? items : nil
    }

    // MARK: Sections whose keys are names

    /// The keys right below a section, in the order of the file; `nil` when the file has no such section.
    package mutating func names(under section: String) -> [String]? {
        guard let entry = document.entries[section] else { return nil }
        switch entry.value {
        case .mapping, .null: break
        case .scalar, .list, .other: refuse(section, .mustBe(.section))
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
    package mutating func refuse(_ key: String, _ text: Text) {
        let variable = Self.variable(key)
        report(
            environment[variable].map { _ in .environment(variable) } ?? document.entries[key].map { .line($0.line) } ?? .file, key,
            text)
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
                case .scalar, .list, .other:
                    report(.line(entry.line), key, .mustBe(.section))
                }
            } else if !known.contains(key) {
                let unknown = (Self.prefixes(of: key) + [key]).first { !sections.contains($0) && !known.contains($0) } ?? key
                guard reported.insert(unknown).inserted, !Self.prefixes(of: key).contains(where: known.contains) else { continue }
                report(
                    .line(document.entries[unknown]?.line ?? entry.line), unknown, .unknownKey)
            }
        }
        for name in environment.keys where !overrides.contains(name) {
            report(.environment(name), "", .unknownKey)
        }
        overrides.sort()
        problems.sort()
    }

    // MARK: Sources

    private mutating func text(_ key: String, expected: Text) -> (String, ConfigurationError.Place)? {
        known.insert(key)
        if let found = override(key) { return found }
        guard let entry = document.entries[key] else { return nil }
        switch entry.value {
        case .scalar(let text): return (text, .line(entry.line))
        case .null: report(.line(entry.line), key, .valueless(expected))
        case .list, .mapping, .other: report(.line(entry.line), key, .mustBe(expected))
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

    private mutating func report(_ place: ConfigurationError.Place, _ key: String, _ text: Text) {
        problems.append(.init(place: place, key: key, text: text))
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

extension Text {
    static let trueOrFalse = Text("true ou false", "true or false")
    static let section = Text("une section, avec des clés", "a section with keys of its own")
    static let unknownKey = Text("cette clé n'existe pas", "there is no such key")
    static let webAddress = Text("une adresse http", "an http address")

    package static let notUTF8 = Text("n'est pas en UTF-8", "is not UTF-8")
    package static func tooLarge(_ limit: Int) -> Text { Text("dépasse \(limit) octets", "is larger than \(limit) bytes") }

    static func required(_ expected: Text) -> Text { Text("manque : \(expected.french)", "is required: \(expected.english)") }
    static func valueless(_ expected: Text) -> Text {
        Text("n'a pas de valeur ; il faut \(expected.french)", "has no value, expected is \(expected.english)")
    }

    /// That a value is not what it has to be.
    package static func mustBe(_ expected: Text) -> Text { Text("il faut \(expected.french)", "must be \(expected.english)") }

    static func mustBeNamedBy(_ expected: Text) -> Text {
        Text("doit être désigné par \(expected.french)", "must be named by \(expected.english)")
    }

    static let mustBeginWithProgram = Text(
        "doit commencer par le chemin absolu d'un programme", "must begin with the absolute path of a program")

    static func atMost(_ count: Int) -> Text { Text("doit avoir au plus \(count) entrées", "must have at most \(count) entries") }
}

internal import Primitives
internal import Yams

/// A YAML file as dotted keys and texts. Types are not guessed: `no` and `010` stay what was written.
struct YAMLDocument {
    struct Entry {
        let value: Value
        let line: Int
        /// Later in the file is higher.
        let order: Int
    }

    enum Value {
        case null
        case scalar(String)
        case list([String])
        /// A mapping; its members are entries of their own.
        case mapping
        /// A list that holds more than scalars.
        case other
    }

    /// By dotted key, mappings included.
    private(set) var entries: [String: Entry] = [:]

    /// Every value as a text; mappings have none of their own.
    var texts: [String: String] {
        entries.compactMapValues { entry in
            switch entry.value {
            case .null: ""
            case .scalar(let text): text
            case .list(let texts): texts.joined(separator: "\n")
            case .mapping, .other: nil
            }
        }
    }

    private static let depthLimit = 8
    private static let nodeLimit = 10_000

    init(_ text: String) throws(ConfigurationError) {
        let root: Node?
        do {
            root = try compose(yaml: text, .basic)
        } catch {
            throw Self.error(error, in: text)
        }
        guard let root, !Self.isNull(root) else { return }
        guard case .mapping(let mapping) = root else {
            throw Self.error(root.mark?.line, "", Text("le fichier doit être fait de sections", "the file must be a mapping of sections"))
        }
        var left = Self.nodeLimit
        try add(mapping, prefix: "", depth: 1, left: &left)
    }

    private mutating func add(_ mapping: Node.Mapping, prefix: String, depth: Int, left: inout Int) throws(ConfigurationError) {
        for (key, value) in mapping {
            let line = key.mark?.line ?? 1
            guard case .scalar(let name) = key, !name.string.isEmpty, !name.string.contains(".") else {
                throw Self.error(line, prefix, Text("une clé doit être un simple nom", "a key must be a plain name"))
            }
            let path = prefix.isEmpty ? name.string : "\(prefix).\(name.string)"
            left -= 1
            guard left > 0, depth <= Self.depthLimit else {
                throw Self.error(line, path, Text("le fichier en contient trop", "the file holds too much"))
            }
            let order = Self.nodeLimit - left
            switch value {
            case .mapping(let members):
                entries[path] = Entry(value: .mapping, line: line, order: order)
                try add(members, prefix: path, depth: depth + 1, left: &left)
            case .sequence(let items):
                left -= items.count
                guard left > 0 else { throw Self.error(line, path, Text("le fichier en contient trop", "the file holds too much")) }
                let texts = items.compactMap { $0.scalar?.string }
                entries[path] = Entry(value: texts.count == items.count ? .list(texts) : .other, line: line, order: order)
            case .scalar(let scalar):
                entries[path] = Entry(value: Self.isNull(value) ? .null : .scalar(scalar.string), line: line, order: order)
            case .alias:
                entries[path] = Entry(value: .other, line: line, order: order)
            }
        }
    }

    private static func isNull(_ node: Node) -> Bool {
        guard case .scalar(let scalar) = node, scalar.style == .plain || scalar.style == .any else { return false }
        return ["", "~", "null"].contains(scalar.string)
    }

    private static func error(_ line: Int?, _ key: String, _ text: Text) -> ConfigurationError {
        ConfigurationError(problems: [.init(place: line.map { .line($0) } ?? .file, key: key, text: text)])
    }

    private static func error(_ error: any Error, in text: String) -> ConfigurationError {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            return Self.error(mark.line, "", Text("ce n'est pas du YAML : \(problem)", "not YAML: \(problem)"))
        case .duplicatedKeysInMapping(let names, let context):
            let path = parents(ofLine: context.mark.line, in: text) + names.sorted().prefix(1)
            return Self.error(
                context.mark.line, path.joined(separator: "."), Text("la clé est là plusieurs fois", "the key is there more than once"))
        default:
            return Self.error(nil, "", Text("ce n'est pas du YAML", "not YAML"))
        }
    }

    /// Keys above a line, by indentation: for the message about a duplicate, whose tree the parser does not give.
    private static func parents(ofLine line: Int, in text: String) -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.indices.contains(line - 1) else { return [] }
        var indent = lines[line - 1].prefix { $0 == " " }.count
        var parents: [String] = []
        for candidate in lines[..<(line - 1)].reversed() {
            let own = candidate.prefix { $0 == " " }.count
            guard own < indent, let colon = candidate.firstIndex(of: ":"), candidate.dropFirst(own).first != "#" else { continue }
            parents.insert(String(candidate[..<colon].dropFirst(own)), at: 0)
            indent = own
        }
        return parents
    }
}

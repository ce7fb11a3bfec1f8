package import ConfigurationFile
internal import Crypto
internal import Primitives

extension HabilitationMatrix {
    /// Most bytes of a file.
    package static let sizeLimit = 1_048_576
    private static let mostRules = 256

    /// The rights that apply as long as an establishment gives no matrix of its own.
    ///
    /// It is the file `habilitations.yaml` of this room, which a test reads; were it broken, nobody would have any right.
    package static let builtIn: HabilitationMatrix =
        (try? HabilitationMatrix(bytes: PackageResources.habilitations_yaml))
        ?? HabilitationMatrix(rules: [], people: [:], sampleCount: 0, sha256: "")

    /// The text of ``builtIn``, for whoever starts a matrix of their own from it.
    package static var builtInText: [UInt8] { PackageResources.habilitations_yaml }

    /// Reads the bytes of `habilitations.yaml` and makes the sample decisions in it.
    ///
    /// - Throws: All problems at once, each with line and key; samples that fail too, once there is nothing else.
    package init(bytes: [UInt8]) throws(ConfigurationError) {
        guard bytes.count <= Self.sizeLimit else { throw ConfigurationError(file: .tooLarge(Self.sizeLimit)) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw ConfigurationError(file: .notUTF8) }
        var reader = try ValueReader(yaml: text)
        let names = reader.names(under: "rules") ?? []
        if names.isEmpty, !reader.hasProblem(under: "rules") {
            reader.refuse("rules", Text("manque : au moins une règle", "is required: at least one rule"))
        }
        if names.count > Self.mostRules {
            reader.refuse("rules", Text("doit avoir au plus \(Self.mostRules) règles", "must have at most \(Self.mostRules) rules"))
        }
        let rules = names.map { MatrixRule($0, &reader) }
        var people: [String: Set<Role>] = [:]
        for id in reader.names(under: "people") ?? [] {
            if !Fact.person.isValue(id) { reader.refuse("people.\(id)", .mustBe(Text("un identifiant national", "a national identifier"))) }
            let roles = reader.list("people.\(id)", of: Fact.role.form) { Role(rawValue: $0) } ?? []
            if roles.isEmpty, !reader.hasProblem(under: "people.\(id)") { reader.refuse("people.\(id)", .mustBe(Fact.role.form)) }
            people[id] = Set(roles)
        }
        let samples = (reader.names(under: "samples") ?? []).map { MatrixSample($0, &reader) }
        reader.finish()
        if reader.problems.isEmpty {
            let matrix = HabilitationMatrix(
                rules: rules, people: people, sampleCount: samples.count, sha256: Hex.encode(SHA256.hash(data: bytes)))
            for sample in samples { sample.check(matrix, &reader) }
            if reader.problems.isEmpty {
                self = matrix
                return
            }
        }
        throw ConfigurationError(problems: reader.problems.sorted())
    }
}

extension MatrixRule {
    fileprivate init(_ text: String, _ reader: inout ValueReader) {
        let key = "rules.\(text)"
        let isPlain = text.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F || byte == 0x2D
        }
        if !isPlain || text.utf8.count > 64 || text == Rule.noGrant.rawValue {
            reader.refuse(
                key,
                Text(
                    "doit être désignée par 1 à 64 minuscules, chiffres, traits d'union et soulignés, et non \(Rule.noGrant.rawValue)",
                    "must be named by 1 to 64 lower-case letters, digits, hyphens and underscores, and not \(Rule.noGrant.rawValue)"))
        }
        name = Rule(rawValue: text)
        when = Conditions(Self.choices("\(key).when", &reader), not: Self.choices("\(key).when.not", &reader))
        let grants = reader.list("\(key).grant", of: Text("des droits, chacun en entier", "scopes, each in full")) {
            $0.contains("*") ? nil : Scope($0)
        }
        let denials = reader.list("\(key).deny", of: Text("des droits, ou leur début et *", "scopes, or their beginning and *")) { text in
            text != "*" && text.dropLast().contains("*") ? nil : Scope(text)?.text
        }
        if grants?.isEmpty ?? true, denials?.isEmpty ?? true, !reader.hasProblem(under: "\(key).grant"),
            !reader.hasProblem(under: "\(key).deny")
        {
            reader.refuse(key, Text("doit accorder ou refuser quelque chose", "must grant or deny something"))
        }
        self.grants = Set(grants ?? [])
        self.denials = denials.map(Choice.init)
    }

    private static func choices(_ section: String, _ reader: inout ValueReader) -> [Fact: Choice] {
        var choices: [Fact: Choice] = [:]
        for fact in Fact.allCases {
            let key = "\(section).\(fact.rawValue)"
            guard let texts = reader.list(key, of: fact.form, { fact.isCondition($0) ? $0 : nil }) else { continue }
            // An empty list would fit nobody, which whoever wrote it may not have meant.
            if texts.isEmpty, !reader.hasProblem(under: key) { reader.refuse(key, .mustBe(fact.form)) }
            choices[fact] = Choice(texts)
        }
        return choices
    }
}

internal import Primitives

extension PAMSection {
    /// The most people that a file may name; establishments with more have a rule or a program.
    private static let mostPeople = 10_000
    private static let accounts = "pam.accounts"

    init(_ reader: inout ValueReader) {
        let names = reader.names(under: "\(Self.accounts).people") ?? []
        if names.count > Self.mostPeople {
            reader.refuse(
                "\(Self.accounts).people",
                Text("doit nommer au plus \(Self.mostPeople) personnes", "must name at most \(Self.mostPeople) people"))
        }
        var people: [String: String] = [:]
        for person in names.prefix(Self.mostPeople) {
            let key = "\(Self.accounts).people.\(person)"
            people[person] = reader.value(key, expected: Text("le nom d'un compte", "the name of an account"), ValueForm.userName(_:))
        }
        self.people = people
        rule = reader.optional(
            "\(Self.accounts).rule",
            expected: Text(
                "le nom d'un compte, avec {rpps} ou {national_id}", "the name of an account with {rpps} or {national_id} in it"),
            ValueForm.accountRule(_:))
        let words = reader.list(
            "\(Self.accounts).command", of: Text("le chemin d'un programme et ses arguments", "the path of a program and its arguments"),
            ValueForm.argument(_:))
        command = words
        if let words, words.first.flatMap(ValueForm.path(_:)) == nil, !reader.hasProblem(under: "\(Self.accounts).command") {
            reader.refuse("\(Self.accounts).command", .mustBeginWithProgram)
        }
        if rule != nil, command != nil {
            reader.refuse("\(Self.accounts).command", Text("ne peut accompagner une règle (rule)", "cannot stand beside a rule"))
        }
        leastUID = UInt32(clamping: reader.number("pam.least_uid", default: 1000, in: 1...Int(UInt32.max) - 2))
        onRemoval = reader.choice("pam.on_removal", default: .lock)
        grace = reader.duration("pam.grace", default: 5, in: 0...600)
    }
}

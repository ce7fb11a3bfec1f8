import APIContract
import ArgumentParser
import ConfigurationFile
import Habilitation
import Primitives

struct HabilitationPrintVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "print",
        abstract: Help.text(
            "Print the matrix that is shipped, with roles for persons: the start of one's own file.",
            "Afficher la matrice livrée, avec des rôles pour des personnes : le début de son propre fichier."),
        discussion: Help.text(
            """
            Works without the agent. `cpsctl --json card` shows the national identifier on a card (`holder.national_id`).

              cpsctl habilitation print > habilitations.yaml    the matrix alone
              cpsctl habilitation print --person 899700245667=administration    a référent
            """,
            """
            Se passe de l'agent. `cpsctl --json card` montre l'identifiant national porté par une carte (`holder.national_id`).

              cpsctl habilitation print > habilitations.yaml    la matrice seule
              cpsctl habilitation print --person 899700245667=administration    un référent
            """))

    @OptionGroup var global: GlobalOptions

    @Option(
        help: Help.argument(
            "National identifier, `=`, and roles: administration, review, audit; may be repeated.",
            "Identifiant national, `=`, et rôles : administration, review, audit ; répétable."))
    var person: [PersonWithRoles] = []

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        var text = String(decoding: HabilitationMatrix.builtInText, as: UTF8.self)
        if !person.isEmpty {
            text += "\npeople:\n" + person.map { "  \"\($0.id)\": [\($0.roles.joined(separator: ", "))]\n" }.joined()
        }
        // What is printed has to be taken by the agent: somebody named twice, or by no identifier, is said here.
        do throws(ConfigurationError) {
            _ = try HabilitationMatrix(bytes: Array(text.utf8))
        } catch {
            throw tool.output.problem(.invalidRequest, error.text)
        }
        try tool.output.show(["matrix": .string(text)]) { text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
        return .done
    }
}

/// `899700245667=administration,review`.
struct PersonWithRoles: ExpressibleByArgument {
    let id: String
    let roles: [String]

    init?(argument: String) {
        let parts = argument.split(separator: "=", omittingEmptySubsequences: false)
        // It stands between quotes in the file.
        guard parts.count == 2, Fact.person.isValue(String(parts[0])), !parts[0].contains(where: { $0 == "\"" || $0 == "\\" }) else {
            return nil
        }
        let roles = parts[1].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard roles.allSatisfy({ Role(rawValue: $0) != nil }), Set(roles).count == roles.count else { return nil }
        (id, self.roles) = (String(parts[0]), roles)
    }
}

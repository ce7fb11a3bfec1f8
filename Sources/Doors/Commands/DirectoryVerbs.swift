import APIContract
import AgentClient
import ArgumentParser
import Identity
import Primitives

struct DirectoryVerbs: VerbGroup {
    static let configuration = CommandConfiguration(
        commandName: "directory",
        abstract: Help.text(
            "The national directory: where situations of practice come from.",
            "L'annuaire national : d'où viennent les situations d'exercice."),
        discussion: Help.text(
            """
            Examples:

              cpsctl directory import extraction.txt --structure 760021832    the lines of one establishment
              cpsctl directory show 99900063480                               a person and their situations
            """,
            """
            Exemples :

              cpsctl directory import extraction.txt --structure 760021832    les lignes d'un établissement
              cpsctl directory show 99900063480                               une personne et ses situations
            """),
        subcommands: [DirectoryImportVerb.self, DirectoryShowVerb.self])

    @OptionGroup var global: GlobalOptions

    var path: String { "cpsctl directory" }
}

struct DirectoryShowVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: Help.text(
            "Show the directory in force, or a person in it.", "Montrer l'annuaire en vigueur, ou une personne qui y figure."))

    @OptionGroup var global: GlobalOptions

    @Argument(
        help: Help.argument(
            "RPPS number, or national identifier; else the directory itself.",
            "Numéro RPPS, ou identifiant national ; sinon l'annuaire lui-même."))
    var person: String?

    func validate() throws {
        guard let person else { return }
        guard NationalID(person) != nil else { throw ValidationError("this is no identifier") }
        if person.utf8.count == 11, !CheckDigits.isRPPS(person) { throw ValidationError("\(person) is no RPPS number: its key is wrong") }
    }

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let language = tool.output.language
        guard let person else {
            let answer = try tool.get("directory")
            try tool.output.show(answer) {
                guard let directory = answer["directory"], directory != .null else { return [DirectorySentence.none.in(language)] }
                return DirectorySentence.summary(directory, language)
            }
            return .done
        }
        let found = try tool.get("directory", "people", person)
        try tool.output.show(found) {
            let name = [found["given_name"], found["family_name"]].compactMap { $0?.string }.joined(separator: " ")
            let profiles = found.profileLines(language)
            return ["\(found.text("national_id"))  \(name)"] + (profiles.isEmpty ? [DirectorySentence.noSituation.in(language)] : profiles)
        }
        return .done
    }
}

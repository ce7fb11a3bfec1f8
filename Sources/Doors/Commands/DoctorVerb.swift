import APIContract
import ArgumentParser
import Primitives

struct DoctorVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: Help.text(
            "Check this workstation, and say what to do about what is not right.",
            "Examiner ce poste, et dire que faire de ce qui ne va pas."),
        discussion: Help.text(
            """
            Looks at the agent and around it: service, readers, card, clock, disk, PAM. Each thing that is not right comes with its reason, \
            what to do, and the command that does it. Some things only root can see.

              cpsctl doctor
              sudo cpsctl doctor --fix --lang fr
              sudo cpsctl doctor --bundle /root/doctor.tar.gz

            Exits with the code of the first thing that stands in the way of a login; 0 when nothing does.
            """,
            """
            Regarde l'agent et ce qui l'entoure : service, lecteurs, carte, horloge, disque, PAM. Chaque chose qui ne va pas est dite avec \
            sa raison, ce qu'il faut faire, et la commande qui le fait. Certaines choses ne sont visibles que de root.

              cpsctl doctor
              sudo cpsctl doctor --fix --lang en
              sudo cpsctl doctor --bundle /root/examen.tar.gz

            Sort avec le code du premier obstacle à une connexion ; 0 s'il n'y en a pas.
            """))

    @OptionGroup var global: GlobalOptions

    @Option(
        help: Help.argument(
            "Look at the system whose files are in this folder, and run nothing there.",
            "Regarder le système dont les fichiers sont dans ce dossier, sans rien y exécuter."))
    var root: String?

    @Flag(
        help: Help.argument(
            "As root: run the commands that can do no harm, each named first, then look again.",
            "En root : exécuter les commandes sans danger, chacune nommée d'abord, puis regarder à nouveau."))
    var fix = false

    @Option(
        help: Help.argument(
            "Write what support needs to this new file (tar.gz), without names, numbers or secrets.",
            "Écrire dans ce nouveau fichier (tar.gz) ce qu'il faut à l'assistance, sans noms, numéros ni secrets."))
    var bundle: String?

    func validate() throws {
        if root != nil, fix || bundle != nil {
            throw ValidationError("--root looks at another system: --fix and --bundle are for this one")
        }
    }

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let examination = Examination(tool: tool, machine: root.map { tool.workstation.rooted(at: $0) } ?? tool.workstation)
        var seen = examination.look()
        var repairs: [(repair: Repair, isDone: Bool)] = []
        if fix {
            repairs = try Repairs(tool: tool, machine: tool.workstation).run(seen.findings)
            if !repairs.isEmpty { seen = examination.look() }
        }
        if let bundle { try write(seen, to: bundle, tool) }
        let (findings, language) = (seen.findings, tool.output.language)
        let document: JSON = .members([
            "healthy": .bool(findings.allSatisfy { $0.exit == .done }), "checks": .array(findings.map { $0.json(language) }),
            "repairs": fix ? .array(repairs.map { ["fix": .string($0.repair.line), "done": .bool($0.isDone)] }) : nil,
            "bundle": bundle.map { .string($0) },
        ])
        try tool.output.show(document) {
            repairs.map { DoctorSentence.ran($0.repair.line, $0.isDone).in(language) } + findings.flatMap { $0.lines(language) }
                + (bundle.map { [DoctorSentence.written($0).in(language)] } ?? [])
        }
        return findings.map(\.exit).first { $0 != .done } ?? .done
    }

    private func write(_ seen: (status: JSON?, findings: [Finding]), to path: String, _ tool: Tool) throws(Problem) {
        let document = DoctorBundle(machine: tool.workstation, time: tool.time).document(seen.findings, seen.status)
        do throws(FileError) {
            try BundleFile(machine: tool.workstation, path: path).write(document)
        } catch {
            throw tool.output.problem(error)
        }
    }
}

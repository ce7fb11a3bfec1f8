import APIContract
import AgentClient
import ArgumentParser
import Audit
import Primitives

struct SignVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: Help.text(
            "Sign documents with the card's signature key.", "Signer des documents avec la clé de signature de la carte."),
        discussion: Help.text(
            """
            One PIN signs the documents that are listed, 32 at most. Files are hashed here; each signature is a new file, NAME.p7s \
            (detached CMS, CAdES-B) or NAME.sig (PKCS#1 v1.5), beside the document or in the folder of --out. With --json the \
            signatures are in the answer, in base64, and files are made only with --out. The PIN is asked on the terminal; with \
            --pin-stdin it is one line of standard input. A stamp that --timestamp could not get is told; the signature is made.

            Examples:

              cpsctl sign letter.pdf                           makes letter.pdf.p7s
              cpsctl sign --format raw --out signed a.xml b.xml
              cpsctl --json sign --hash sha256:9f86d081...0f00a08  the hash alone
              openssl cms -verify -binary -inform DER -in letter.pdf.p7s -content letter.pdf -CAfile authorities.pem -out /dev/null
            """,
            """
            Un code signe les documents listés, 32 au plus. Les fichiers sont hachés ici ; chaque signature est un nouveau fichier, \
            NOM.p7s (CMS détaché, CAdES-B) ou NOM.sig (PKCS#1 v1.5), à côté du document ou dans le dossier de --out. Avec --json les \
            signatures sont dans la réponse, en base64, et des fichiers ne sont faits qu'avec --out. Le code est demandé au terminal ; \
            avec --pin-stdin c'est une ligne de l'entrée standard. Un horodatage que --timestamp n'a pas obtenu est signalé ; la \
            signature est faite.

            Exemples :

              cpsctl sign lettre.pdf                           fait lettre.pdf.p7s
              cpsctl sign --format raw --out signes a.xml b.xml
              cpsctl --json sign --hash sha256:9f86d081...0f00a08  l'empreinte seule
              openssl cms -verify -binary -inform DER -in lettre.pdf.p7s -content lettre.pdf -CAfile autorites.pem -out /dev/null
            """))

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case raw, cms

        var ending: String { self == .cms ? "p7s" : "sig" }
    }

    /// `sha256:` and its value; which algorithms there are, the agent says.
    struct Hash: ExpressibleByArgument {
        let algorithm: String
        let value: String

        init?(argument: String) {
            let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[1].isEmpty, parts[1].utf8.count <= 256 else { return nil }
            (algorithm, value) = (String(parts[0]), String(parts[1]))
        }
    }

    @OptionGroup var global: GlobalOptions

    @Option(help: Help.argument("Id of the session; else the only one.", "Identifiant de la session ; sinon la seule qu'il y a."))
    var session: ResourceID?

    @Option(help: Help.argument("cms or raw.", "cms ou raw."))
    var format = Format.cms

    @Option(help: Help.argument("Folder for the signatures; it has to be there.", "Dossier des signatures ; il doit exister."))
    var out: ResourceID?

    @Option(help: Help.argument("What all the documents are, as text/plain.", "Type de tous les documents, comme text/plain."))
    var mediaType: ResourceID?

    @Option(
        name: .customLong("hash"),
        help: Help.argument("A hash to sign, ALGORITHM:HEX; may be repeated.", "Une empreinte à signer, ALGORITHME:HEX ; peut être répété.")
    )
    var hashes: [Hash] = []

    @Flag(
        help: Help.argument(
            "Have each signature stamped by the time-stamping authority of the agent (RFC 3161).",
            "Faire horodater chaque signature par l'autorité d'horodatage de l'agent (RFC 3161)."))
    var timestamp = false

    @OptionGroup var entry: PINEntryOptions

    @Argument(help: Help.argument("Documents to sign.", "Documents à signer."))
    var files: [String] = []

    func validate() throws {
        guard !files.isEmpty || !hashes.isEmpty else { throw ValidationError("name a file, or a hash with --hash") }
        if let other = hashes.first(where: { $0.algorithm != "sha256" }) { throw ValidationError("\(other.algorithm) is not sha256") }
    }

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let items = try items(tool)
        let session = try tool.session(session)
        let begun = try begun(items, session, tool)
        let signed = try SignDialogue(tool: tool, entry: entry).run(begun, session: session)
        try write(signed, items, tool)
        if !tool.output.isJSON { warn(signed, tool) }
        try tool.output.show(signed) {
            items.map { SignSentence.signed($0.name, file($0) ?? "-").in(tool.output.language) }
        }
        return .done
    }

    /// Everything that can be known to fail fails before a PIN is asked for.
    private func items(_ tool: Tool) throws(Problem) -> [SignItem] {
        var items: [SignItem] = []
        do throws(FileError) {
            let isWritten = out != nil || !tool.output.isJSON
            for path in files {
                items.append(try SignItem(file: path, mediaType: mediaType?.text, folder: out?.text, isWritten: isWritten))
            }
        } catch {
            throw tool.output.problem(error)
        }
        for hash in hashes {
            let folder = out?.text ?? (tool.output.isJSON ? nil : ".")
            items.append(SignItem(hash: hash.value.lowercased(), mediaType: mediaType?.text, folder: folder))
        }
        var seen: Set<String> = []
        for target in items.compactMap(file) where !seen.insert(target).inserted || PlainFile.exists(target) {
            let known = Text("\(target) existe déjà, ou est demandé deux fois", "\(target) is there already, or meant twice")
            throw tool.output.problem(.invalidRequest, known)
        }
        return items
    }

    private func file(_ item: SignItem) -> String? { item.target.map { "\($0).\(format.ending)" } }

    /// The batch to go on with: a consent names, before a dot, the one whose answer held it.
    private func begun(_ items: [SignItem], _ session: String, _ tool: Tool) throws(Problem) -> JSON {
        let hashes = items.map { JSON.string($0.hash) }
        if let id = entry.consent.acceptLastTry?.text.consentedAttempt {
            let earlier = try? tool.get("sessions", session, "signatures", id)
            let listed = (earlier?["items"]?.array ?? []).compactMap { $0["hash"]?["value"] }
            if let earlier, earlier["state"]?.string == "awaiting_pin", listed == hashes { return earlier }
        }
        let body = JSON.members([
            "formats": [.string(format.rawValue)], "items": .array(items.map(\.json)), "timestamp": timestamp ? .bool(true) : nil,
        ])
        return try tool.client.send(AgentRequest(.post, ["sessions", session, "signatures"], body: .json(body))).json()
    }

    /// A person is told which signatures have no stamp.
    private func warn(_ signed: JSON, _ tool: Tool) {
        for item in signed["items"]?.array ?? [] {
            guard let stamp = item["signatures"]?.array?.first?["timestamp"], stamp["code"] != nil else { continue }
            tool.output.tell(SignSentence.unstamped(item.text("name"), stamp.text("detail")))
        }
    }

    private func write(_ signed: JSON, _ items: [SignItem], _ tool: Tool) throws(Problem) {
        let answers = signed["items"]?.array ?? []
        for (index, item) in items.enumerated() {
            guard let path = file(item) else { continue }
            guard index < answers.count,
                let text = answers[index]["signatures"]?.array?.first?["value"]?.string, let bytes = StandardBase64.decode(text)
            else { throw tool.output.problem(.internalError, Text("les signatures sont illisibles", "the signatures cannot be read")) }
            do throws(FileError) {
                try PlainFile.create(path, bytes)
            } catch {
                throw tool.output.problem(error)
            }
        }
    }
}

/// From a batch that was begun to its signatures: the person is shown what the PIN will sign.
struct SignDialogue {
    let tool: Tool
    let entry: PINEntryOptions

    /// The batch is over when this throws, unless the problem holds a `last_try_consent`: it then waits for it.
    func run(_ begun: JSON, session: String) throws(Problem) -> JSON {
        guard let id = begun["id"]?.string else {
            throw tool.output.problem(.internalError, Text("le lot n'a pas d'id", "the batch has no id"))
        }
        let path = ["sessions", session, "signatures", id]
        var codes = CodeDialogue(
            tool: tool, source: entry.pinStdin ? .standardInput : .terminal, consent: entry.consent.acceptLastTry?.text,
            givenUp: SignSentence.givenUp)
        codes.introduce(begun, tries: begun.text("tries_left"))
        if !tool.output.isJSON, let prompt = begun["prompt"]?.string { tool.output.tell(Text(prompt, prompt)) }
        do throws(Problem) {
            return try codes.give(LoginSentence.pinPrompt, offered: begun["last_try_consent"]?.string, to: path + ["pin"])
        } catch {
            if codes.isTalking || error.json["last_try_consent"] == nil { tool.giveUp(path) }
            codes.stopIfInterrupted()
            throw error
        }
    }
}

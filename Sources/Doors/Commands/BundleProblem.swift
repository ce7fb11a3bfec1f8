import APIContract
import Audit
import Primitives

extension Output {
    /// An export that does not prove what it says.
    func invalid(_ error: BundleError, folder: String) -> Problem {
        var members: [String: JSON] = ["bundle": .string(folder)]
        if case .notComparable = error { return problem(.invalidRequest, error.text, members) }
        members["first_bad"] = error.firstBadSequence.map { .int(Int64(clamping: $0)) }
        return problem(.traceInvalid, error.text, members)
    }

    /// An export that could not be written: the folder is unfit, or the system refused.
    func unwritten(_ error: BundleError, folder: String) -> Problem {
        if case .folderNotEmpty = error { return problem(.invalidRequest, error.text.of(folder)) }
        let text = Text("L'export n'a pas pu être écrit", "The export could not be written")
        let remedy = Text("Choisir un dossier où il y a la place et le droit d'écrire.", "Choose a folder with space and leave to write.")
        return problem(.internalError, error.text).saying(text.in(language), remedy.in(language))
    }
}

extension BundleError {
    var text: Text {
        switch self {
        case .file(let error): error.text.of(error.path)
        case .folderNotEmpty: Text("le dossier n'est pas vide", "the folder is not empty")
        case .malformedManifest:
            Text("manifest.json est illisible, ou incohérent", "manifest.json cannot be read, or does not fit together")
        case .note(let error): error.text
        case .checkpointDisagrees:
            Text("manifest.json nomme un autre arbre que la tête signée", "manifest.json names another tree than the signed checkpoint")
        case .entry(let sequence, let fault): fault.text.of("trace \(sequence)")
        case .missing(let sequence): Text("l'export finit avant la trace \(sequence)", "the export ends before trace \(sequence)")
        case .excess(let last): Text("il y a une suite après la trace \(last)", "there is more after trace \(last)")
        case .cutShort(let size, let signed):
            Text(
                "le journal est tronqué : les traces \(size) à \(signed - 1) manquent",
                "the log is cut short: traces \(size) to \(signed - 1) are gone")
        case .rewritten(let first, let last):
            Text(
                "l'une des traces \(first) à \(last) n'est pas celle qui a été signée",
                "one of the traces \(first) to \(last) is not the one that was signed")
        case .evidence(let sequence, let reason):
            Text("la trace \(sequence) ne prouve pas sa connexion : \(reason)", "trace \(sequence) does not prove its login: \(reason)")
        case .notComparable:
            Text(
                "aucune tête gardée ne finit dans l'export : rien à comparer",
                "no kept checkpoint ends within the export, so they cannot be compared")
        case .rootMismatch(let first, let last):
            Text("l'une des traces \(first) à \(last) a été changée", "one of the traces \(first) to \(last) was changed")
        }
    }
}

extension NoteError {
    var text: Text {
        switch self {
        case .malformedNote: Text("la tête n'est pas une note signée", "the checkpoint is not a signed note")
        case .malformedKey: Text("la clé est illisible", "the key cannot be read")
        case .badName: Text("le nom de la clé n'en est pas un", "the name of the key cannot be one")
        case .badText: Text("le texte de la tête n'en est pas un", "the text of the checkpoint cannot be one")
        case .badSignature(let name):
            Text("la signature de \(name) sur la tête est fausse", "the signature of \(name) on the checkpoint is wrong")
        case .notSigned: Text("la tête n'est pas signée par cette clé", "the checkpoint is not signed by this key")
        case .malformedCheckpoint: Text("le texte signé n'est pas une tête", "the signed text is not a checkpoint")
        }
    }
}

extension TraceFault {
    var text: Text {
        switch self {
        case .malformed: Text("ce n'est pas une trace", "not a trace")
        case .tooLong: Text("plus longue qu'une trace ne peut l'être", "longer than a trace may be")
        case .cutShort: Text("la ligne n'a pas de fin", "the line has no end")
        case .unknownVersion: Text("d'une version inconnue", "of a version that is not known")
        case .wrongSequence: Text("un autre numéro se trouve là", "another sequence stands here")
        }
    }
}

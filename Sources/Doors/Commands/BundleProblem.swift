import APIContract
import Audit
import Primitives

extension Output {
    /// An export that does not prove what it says.
    func invalid(_ error: BundleError, folder: String) -> Problem {
        var members: [String: JSON] = ["detail": .string(error.reason), "bundle": .string(folder)]
        if case .notComparable = error { return problem(.invalidRequest, members) }
        members["first_bad"] = error.firstBadSequence.map { .int(Int64(clamping: $0)) }
        return problem(.traceInvalid, members)
    }

    /// An export that could not be written: the folder is unfit, or the system refused.
    func unwritten(_ error: BundleError, folder: String) -> Problem {
        if case .folderNotEmpty = error { return problem(.invalidRequest, ["detail": .string("\(folder): \(error.reason)")]) }
        let text = Text("L'export n'a pas pu être écrit", "The export could not be written")
        let remedy = Text("Choisir un dossier où il y a la place et le droit d'écrire.", "Choose a folder with space and leave to write.")
        return problem(.internalError, ["detail": .string(error.reason)]).saying(text.in(language), remedy.in(language))
    }
}

extension BundleError {
    /// In English, for `detail`.
    var reason: String {
        switch self {
        case .file(let error): "\(error.path): \(error.reason)"
        case .folderNotEmpty: "the folder is not empty"
        case .malformedManifest: "manifest.json cannot be read, or does not fit together"
        case .note(let error): error.reason
        case .checkpointDisagrees: "manifest.json names another tree than the signed checkpoint"
        case .entry(let sequence, let fault): "trace \(sequence): \(fault.reason)"
        case .missing(let sequence): "the export ends before trace \(sequence)"
        case .excess(let last): "there is more after trace \(last)"
        case .cutShort(let size, let signed): "the log is cut short: traces \(size) to \(signed - 1) are gone"
        case .rewritten(let first, let last): "one of the traces \(first) to \(last) is not the one that was signed"
        case .evidence(let sequence, let reason): "trace \(sequence) does not prove its login: \(reason)"
        case .notComparable: "no kept checkpoint ends within the export, so they cannot be compared"
        case .rootMismatch(let first, let last): "one of the traces \(first) to \(last) was changed"
        }
    }
}

extension NoteError {
    var reason: String {
        switch self {
        case .malformedNote: "the checkpoint is not a signed note"
        case .malformedKey: "the key cannot be read"
        case .badName: "the name of the key cannot be one"
        case .badText: "the text of the checkpoint cannot be one"
        case .badSignature(let name): "the signature of \(name) on the checkpoint is wrong"
        case .notSigned: "the checkpoint is not signed by this key"
        case .malformedCheckpoint: "the signed text is not a checkpoint"
        }
    }
}

extension TraceFault {
    var reason: String {
        switch self {
        case .malformed: "not a trace"
        case .tooLong: "longer than a trace may be"
        case .cutShort: "the line has no end"
        case .unknownVersion: "of a version that is not known"
        case .wrongSequence: "another sequence stands here"
        }
    }
}

import Glibc

extension Text {
    /// Why the system refused something: in English as the system says it, in French in our words for what people meet, else as it is.
    package static func system(_ number: Int32 = errno) -> Text {
        let english = String(cString: strerror(number))
        return Text(french(number) ?? english, english)
    }

    /// A reason that came in English, from an agent or a library: what the system said at its end is in our words in French.
    package static func heard(_ english: String) -> Text {
        let end = english.split(separator: ": ", omittingEmptySubsequences: false).last ?? ""
        guard let french = frenchByPhrase[String(end)] else { return Text(english) }
        return Text(english.dropLast(end.count) + french, english)
    }

    /// What is no regular file, said by us: the system has no word for it.
    static let notRegular = Text("n'est pas un fichier ordinaire", "not a regular file")

    private static let frenchByPhrase: [String: String] = {
        let known = (1..<largestNumber).compactMap { number in french(number).map { (String(cString: strerror(number)), $0) } }
        return Dictionary(known + [(notRegular.english, notRegular.french)]) { first, _ in first }
    }()

    /// More than any number that the system gives.
    private static let largestNumber: Int32 = 134

    private static func french(_ number: Int32) -> String? {
        switch number {
        case ENOENT: "aucun fichier ni dossier de ce nom"
        case EACCES: "permission refusée"
        case EPERM: "opération non permise"
        case ENOSPC: "plus de place sur le disque"
        case EDQUOT: "quota de disque dépassé"
        case EROFS: "système de fichiers en lecture seule"
        case EIO: "erreur d'entrée-sortie"
        case ENOTDIR: "ce n'est pas un dossier"
        case EISDIR: "c'est un dossier"
        case EEXIST: "il existe déjà"
        case ENOTEMPTY: "le dossier n'est pas vide"
        case ENAMETOOLONG: "nom trop long"
        case ELOOP: "lien symbolique non suivi"
        case EFBIG: "fichier trop grand"
        case EMFILE, ENFILE: "trop de fichiers ouverts"
        case ENOMEM: "plus assez de mémoire"
        case EBUSY: "occupé"
        case ECONNREFUSED: "connexion refusée"
        case ECONNRESET: "connexion coupée par l'autre bout"
        case EPIPE: "plus personne ne lit"
        case ETIMEDOUT: "pas de réponse à temps"
        default: nil
        }
    }
}

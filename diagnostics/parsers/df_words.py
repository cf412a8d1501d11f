"""How ``df`` calls its columns in GNU's languages and on other systems, by what they hold."""

from __future__ import annotations

NAMES: dict[str, str] = {
    "device": (
        "Filesystem|File system|Dateisystem|Sys. de fichiers|Sys.fich.|Système de fichiers|S.ficheros|Sist. Arq."
        "|Sist. arq.|Файловая система|Файл.система|Файл.сист.|文件系统|檔案系統|ファイルシス|ファイルシステム"
        "|파일 시스템|파일시스템"
        "|Bestandssysteem|System plików|Filsystem|Tiedostojärjestelmä|Dosyasistemi|Dosya sistemi|Файлова система"
        "|Souborový systém|Système|Filesysteem|S.fitxers|Fájlrendszer|Sistema de ficheros|Lêerstelsel|Ф-я сыстэма"
        "|Файлова с-ма|S. fitxers|Dosiersistemo|Failisüsteem|Fitxategi-sistema|Córas comhaid|Sist. Fich"
        "|Datotečni sustav|Sistem Berkas|Файлдық жүйе|Sisitemu eya fayiro|Failų sistema|Sistem fail"
        "|Sistema de ficheiros|Sistem de fișiere|Súborový systém|Dat. sist.|Систем датотека|Ф. система"
        "|Hệ thống tập tin"
    ),
    "type": (
        "Type|Typ|Tipo|Тип|类型|類型|タイプ|Fstype|형식|유형|Tyyppi|Tür|Tipe|Тып|Вид|Tipus|Tüüp|Moeta|Cineál|Vrsta|Típ.|Түрі"
        "|Kika|Tipas|Jenis|Tip|Врста|Kiểu"
    ),
    "size": (
        "Size|Größe|Taille|Tamaño|Tam.|Размер|容量|大小|サイズ|크기|Grootte|rozm.|Rozmiar|Storlek|Boy|Koko|Dim.|Dimensione"
        "|Розмір|Velikost|kbytes|Méret|Памер|Mida|Størr|Grando|Maht|Tamai|Méid|Veličina|Besar|Өлшемі|Bunene|Saiz"
        "|Størrelse|Tamanho|Dimens|Veľk|Vel.|Величина|Boyut|Розм|Cỡ"
    ),
    "used": (
        "Used|Benutzt|Utilisé|Utilisés|Usados|Usado|Использовано|Использ.|Использ|已用|已使用|使用|사용|사용됨|Gebruikt|użyte"
        "|Użyte|Använt|Dolu|Käytetty|Usati|Usato|Użyto|Використано|Foglalt|Použito|InGebruik|Ужыта|Заети|En ús"
        "|Užito|Brugt|Uzata|Kasut|Erab|Käyt|Ídithe|Zauzeto|Fogl.|Isi|Қолд|Awakozese|Naud|Diguna|Brukt|Uso"
        "|Utilizat|Použ|Upor.|Заузето|Вик|Dùng"
    ),
    "available": (
        "Available|Avail|Verfügbar|Verf.|Disponible|Disponibles|Dispo|Disp|Disp.|Disponível|Dispon.|Доступно|Дост"
        "|可用|残り|使用可|가용|Beschikbaar|Besch|dostępne|Dost.|Tillgängligt|Tillg|Boş|Vapaana|Disponib.|Free|Szabad"
        "|Volno|Beskikbaar|Вольна|Свободни|Volné|Tilbage|Liberaj|Vaba|Eskuragar|Ar Fáil|Dispoñib|Dostupno|Sisa"
        "|Қолжетерлік|Awate|Laisva|Ada|Tilgjengelig|Livres|Disponibil|Dostupné|Na voljo|Còn|Свобод|Lliure|Tilb"
        "|Liber|Libre|Vapaa|ArFáil|Szab.|Қолж|Tilgj.|dost.|Livre|Dost|Prost|Ledigt"
    ),
    "used_percent": (
        "Use%|Capacity|capacity|Verw%|Uti%|Util%|Uso%|Использовано%|Использ%|Исп%|已用%|已使用%|使用%|사용%|%Used|Geb%"
        "|Gebr%|%uż.|Anv%|Käy%|Dolu%|Вик%|Fo.%|Použ%|Usado%|Gebruik%|У-а%|Изп%|%Ús|Uži%|Brug%|Uza%|Kas%|Erab%"
        "|Úsáid%|Zauzeto%|Isi%|Пайд%|Enkozesa%|Nd %|Guna%|Bruk%|Uz%|Pou%|Upo%|Користи%|Kullanım%|%Dùng|Ёміст."
        "|Обем|Cabuda|Kapacita|Kapacitet|Kapazität|Kapacito|Capacidad|Maht|Edukiera|Käytetty|Capacité|Iomlán"
        "|Capacid|Kapacit.|Kapasita|Capacità|容量|Сыйымдылығы|용량|eziriwo|Kapasiti|Kapasitet|Vulgraad|pojemność"
        "|Capacidade|Capacid.|Capacitate|Вместимость|Капацитет|Sığa|Всього|Dung lượng"
    ),
    "inodes": (
        "Inodes|Inode|Inœuds|Inoeuds|Inodos|Nodos-i|Iノード|I-nodes|Іноди|inode|아이노드|I-węzły|Инодов|i节点|I-възли"
        "|Nodes-i|I-uzlů|Inoder|I-nodoj|I-kirjeid|Inodoak|I-solmut|Inóid|Inodova|Inode-ok|Inodi|Inod|iwęzły|Inós"
        "|Inoduri|Iнодов|I-uzly|Inodov|И-чворови|Dosya indeksleri|І-вузлів"
    ),
    "inodes_used": (
        "IUsed|iused|Iused|IBenutzt|IUtil.|IUtilisés|NUsados|IUsado|IUsados|IИспользовано|已用(I)|已用I|I已用|I使用"
        "|IUsati|IИспользованo|I사용|IGebruikt|użyteI|I-заети|En ús|IUžito|IBrugt|I-uzata|IKasut|IErabil|IKäyt"
        "|Iídithe|IZauzeto|IFogl|IIsi|Ezikozesedwa|INaud|IDiguna|IGebr|IUso|IUtilizat|IPouž|IUpor|ИЗаузето"
        "|IAnvänt|Doluİn|Викор|IDùng"
    ),
    "inodes_free": (
        "IFree|ifree|Ifree|IFrei|ILibre|ILib.|NLibres|ILivr.|ILivres|IСвободно|可用(I)|可用I|I可用|I残り|IДоступно|I여유"
        "|IVrij|wolneI|I-свбдн|Lliures|IVolno|IFri|I-lbr|IVaba|IJälj|Isaor|ILibres|IDostupno|ISzab.|Ibebas"
        "|ILiberi|Ente|ILsv|IBebas|ILivr|ILivre|ILiber|IVoľ|IPros|ИСлободно|ILediga|Boşİn|Вільн|ITrống"
    ),
    "inodes_used_percent": (
        "IUse%|%iused|%Iused|IUso%|IUti%|IUtil%|NUso%|IBen%|IИспользовано%|IИсп%|已用(I)%|已用I%|I已用%|I使用%|I사용%|IGeb%"
        "|%użI|IVerw%|Изп%|%Ús|IUži%|IBrug%|Iuza%|IKas%|IErab%|IKäy%|IÚsáid%|IZauzeto%|IFo.%|IIsi%|Enkozesa%"
        "|INd %|IGuna%|%uż.I|UsoI%|IUz%|IPou%|IUpo%|ИКористи%|IAnv%|İnKullanım%|Вик%|%IDùng"
    ),
    "file": (
        "File|Datei|Fichier|Fichero|Arquivo|Файл|文件|ファイル|Fitxer|Soubor|Fil|Dosiero|Fail|Tiedosto|Datoteka|Fájl|파일"
        "|Bestand|Plik|Ficheiro|Datk|Датотека|Dosya|Tập tin|檔案"
    ),
    "mount": (
        "Mounted on|Mounted|Eingehängt auf|Monté sur|Montado en|Montado em|Смонтировано в|Cмонтировано в|挂载点|掛載點"
        "|マウント位置|마운트위치|마운트 위치|Aangekoppeld op|zamontowany na|Zamontowane na|Monterat på|Bağlanılan yer"
        "|Liitospiste|Montato su|Змонтований на|Змонтовано на|Csatol. pont|Připojeno do|Geheg aan"
        "|Пункт мантаваньня|Монтирана на|Muntat a|Monteret på|Metita sur|Haagitud|Non muntatua|Curtha suas ar"
        "|Montiran na|Dipasang di|Тіркелген жері|Kiwangidwa ku|Prijungta prie|Dilekapkan pada|Montert på"
        "|zamont. na|Montat pe|Pripojený na|Priklop na|Прикачено на|змонтований на|Gắn vào"
    ),
}

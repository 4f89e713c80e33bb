"""The scripts by which bash, zsh and fish ask this program how a line may go on.

Each hands over the line up to the cursor in a variable, which other users cannot see, and quotes
what it puts on the line as its shell does.
"""

from __future__ import annotations

from typing import Final

_BASH: Final = r"""# bash completion for assign
_assign() {
    local cur=${COMP_WORDS[COMP_CWORD]} kind='' value about quoted
    local -a words=() shown=()
    {
        IFS= read -r kind
        while IFS=$'\t' read -r value about; do
            case $cur in
                \"*) quoted=$(printf %s "$value" | sed 's/[\\"$`]/\\&/g') ;;
                \'*) quoted=${value//\'/\'\\\'\'} ;;
                *) printf -v quoted %q "$value" ;;
            esac
            words+=("$quoted")
            shown+=("$quoted${about:+  ($about)}")
        done
    } < <(_ASSIGN_COMPLETE=bash _ASSIGN_LINE=${COMP_LINE:0:COMP_POINT} "${1/#\~/$HOME}" 2>/dev/null)
    COMPREPLY=()
    if [[ $kind == files ]]; then
        compopt -o default 2>/dev/null
    elif (( ${#words[@]} > 1 )) && [[ $COMP_TYPE != 37 && $COMP_TYPE != 42 ]]; then
        compopt -o nosort 2>/dev/null
        COMPREPLY=("${shown[@]}")  # only what all begin with is put on the line: never a remark
    else
        COMPREPLY=("${words[@]}")
    fi
}
complete -F _assign assign
"""
_ZSH: Final = r"""#compdef assign
_assign() {
    local line answer
    local -a lines offered
    line="${(j: :)words[1,CURRENT-1]} ${QIPREFIX}${PREFIX}"
    answer="$(_ASSIGN_COMPLETE=zsh _ASSIGN_LINE=$line ${(Q)words[1]/#\~/$HOME} 2>/dev/null)"
    lines=("${(@f)answer}")
    [[ $PREFIX == -*=* ]] && compset -P '*='
    if [[ $lines[1] == files ]]; then
        _files
        return
    fi
    for line in "${(@)lines[2,-1]}"; do
        offered+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    done
    (( $#offered )) && _describe -V value offered
}
if [[ $funcstack[1] == _assign ]]; then
    _assign "$@"
else
    compdef _assign assign
fi
"""
_FISH: Final = r"""# fish completion for assign
function __assign_complete
    set -l words (commandline -opc)
    set -l line (commandline -cp)
    set -l answer (env _ASSIGN_COMPLETE=fish _ASSIGN_LINE="$line" $words[1] 2>/dev/null)
    if test "$answer[1]" = files
        __fish_complete_path (commandline -ct)
    else if test (count $answer) -gt 1
        printf '%s\n' $answer[2..-1]
    end
end
complete --command assign --no-files --keep-order --arguments '(__assign_complete)'
"""
SCRIPTS: Final = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}

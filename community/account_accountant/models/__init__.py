from . import account_move_line, res_company
